<?php

namespace WhmcsDouble;

use WHMCS\Input\Sanitize;

/**
 * WHMCS encodes the entities of all it is sent before anything else runs, so pages, hooks and tables hold encoded text.
 */
final class Input
{
    public static function encodeAll(): void
    {
        if (State::setting('encodes_input', true)) {
            $_GET = Sanitize::encode($_GET);
            $_POST = Sanitize::encode($_POST);
            $_REQUEST = Sanitize::encode($_REQUEST);
        }
    }

    public static function text(string $name): string
    {
        $value = $_POST[$name] ?? $_GET[$name] ?? '';
        return is_string($value) ? $value : '';
    }

    public static function number(string $name): int
    {
        return (int) self::text($name);
    }

    public static function posted(): bool
    {
        return ($_SERVER['REQUEST_METHOD'] ?? '') === 'POST';
    }
}
