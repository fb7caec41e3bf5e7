<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * After a failure nobody waits for Deskside for a minute: the first who met it paid for all.
 */
final class Breaker
{
    public const SECONDS = 60;
    private const UNTIL = 'breaker_until';
    private const CONTACT = 'last_contact';
    private const REASON = 'last_failure';

    public static function open(): bool
    {
        return self::until() > time();
    }

    public static function until(): int
    {
        return (int) State::get(self::UNTIL, '0');
    }

    public static function failed(string $why): void
    {
        State::set(self::UNTIL, (string) (time() + self::SECONDS));
        State::set(self::REASON, substr($why, 0, 190));
        Log::line($why . '; nothing is asked of it for a minute');
    }

    public static function answered(): void
    {
        $now = time();
        if (self::until() !== 0) {
            State::set(self::UNTIL, '0');
        }
        // A write for every page would cost more than it tells.
        if ($now - self::lastContact() >= 60) {
            State::set(self::CONTACT, (string) $now);
        }
    }

    public static function lastContact(): int
    {
        return (int) State::get(self::CONTACT, '0');
    }

    public static function lastFailure(): string
    {
        return State::get(self::REASON);
    }
}
