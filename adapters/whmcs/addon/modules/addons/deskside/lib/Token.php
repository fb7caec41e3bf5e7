<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * Proof that a request comes from a page this session was given: WHMCS documents no such helper for addons.
 */
final class Token
{
    private const KEY = 'deskside_key';

    /** For one purpose, one person and, where there is one, one ticket. */
    public static function make(string $purpose, string $who, string $ticket = ''): string
    {
        if (empty($_SESSION[self::KEY])) {
            $_SESSION[self::KEY] = bin2hex(random_bytes(32));
        }
        return hash_hmac('sha256', $purpose . '|' . $who . '|' . $ticket, (string) $_SESSION[self::KEY]);
    }

    public static function good(string $given, string $purpose, string $who, string $ticket = ''): bool
    {
        return !empty($_SESSION[self::KEY]) && hash_equals(self::make($purpose, $who, $ticket), $given);
    }
}
