<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * What the addon goes by: as packed, unless the settings page says otherwise.
 */
final class Settings
{
    public const ADDRESS = 'setting_address';
    public const SECRET = 'setting_secret';
    public const EVENTS = 'setting_events_off';
    public const SELECTORS = 'setting_selectors';
    public const SERVER_LOCK = 'setting_server_lock';
    public const PUSH = 'setting_push';
    public const SUGGEST = 'setting_suggest';

    /** @var array<string, string>|null */
    private static $packed = null;

    /** Where Deskside answers, without a slash at its end; empty when nobody said. */
    public static function address(): string
    {
        return rtrim(State::get(self::ADDRESS) ?: self::packed('url'), '/');
    }

    public static function secret(): string
    {
        return State::get(self::SECRET) ?: self::packed('secret');
    }

    public static function complete(): bool
    {
        return self::address() !== '' && self::secret() !== '';
    }

    public static function sends(string $type): bool
    {
        return !in_array($type, explode(',', State::get(self::EVENTS)), true);
    }

    /** Whether the server refuses a reply that another agent is writing, besides the browser. */
    public static function serverLock(): bool
    {
        return State::get(self::SERVER_LOCK, 'on') === 'on';
    }

    /** Whether clients are offered pushes, once Deskside has that part. */
    public static function push(): bool
    {
        return State::get(self::PUSH, 'on') === 'on';
    }

    /** Whether articles are suggested to clients who write a ticket. */
    public static function suggest(): bool
    {
        return State::get(self::SUGGEST, 'on') === 'on';
    }

    /** What is wrong with an address, or an empty text. */
    public static function wrongAddress(string $address): string
    {
        $parts = parse_url($address);
        $scheme = is_array($parts) ? strtolower((string) ($parts['scheme'] ?? '')) : '';
        if (!in_array($scheme, ['http', 'https'], true) || empty($parts['host'])) {
            return 'wrong_address';
        }
        if (isset($parts['user']) || isset($parts['pass']) || isset($parts['query']) || isset($parts['fragment'])) {
            return 'wrong_address';
        }
        return '';
    }

    private static function packed(string $name): string
    {
        if (self::$packed === null) {
            $file = dirname(__DIR__) . '/deskside_config.php';
            $found = is_file($file) ? include $file : [];
            self::$packed = is_array($found) ? $found : [];
        }
        $value = (string) (self::$packed[$name] ?? '');
        // As it lies in the repository, before anybody packed it.
        return strncmp($value, '{{', 2) === 0 ? '' : $value;
    }
}
