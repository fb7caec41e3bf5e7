<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * Deskside's two faces for this addon: events go to one, pages ask the other. Both are signed alike.
 */
final class Deskside
{
    private const EVENTS = '/webhooks/whmcs';
    private const PAGES = '/embed/whmcs';

    public static function deliver(string $eventId, string $body): Answer
    {
        $answer = self::post(self::EVENTS, $eventId, $body);
        if ($answer->ok() || $answer->hopeless()) {
            Breaker::answered();
        } else {
            Breaker::failed($answer->why());
        }
        return $answer;
    }

    /**
     * What a page wants to know; null while Deskside is away, and for a minute after.
     *
     * @param array<string, mixed> $wanted
     * @return array<string, mixed>|null
     */
    public static function ask(array $wanted): ?array
    {
        if (!Settings::complete() || Breaker::open()) {
            return null;
        }
        $answer = self::test($wanted);
        if ($answer->ok()) {
            Breaker::answered();
            $found = json_decode($answer->body, true);
            return is_array($found) ? $found : null;
        }
        if (!$answer->hopeless() && $answer->status !== 409) {
            Breaker::failed($answer->why());
        }
        return null;
    }

    /**
     * The same, whatever the breaker says.
     *
     * @param array<string, mixed> $wanted
     */
    public static function test(array $wanted): Answer
    {
        $body = json_encode($wanted, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE);
        return self::post(self::PAGES, Signature::newId('ask'), (string) $body);
    }

    private static function post(string $path, string $id, string $body): Answer
    {
        if (!Settings::complete()) {
            return new Answer(0, '', 'the address or the secret of Deskside is not set');
        }
        $headers = Signature::headers(Settings::secret(), $id, $body, time());
        return Http::post(Settings::address() . $path, $headers, $body);
    }
}
