<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * What went wrong, in WHMCS's activity log. Never the text of a database error: it holds the statement's values.
 */
final class Log
{
    /** @var int How many lines of one request are enough to understand it. */
    private const MOST = 3;

    /** @var int */
    private static $written = 0;

    public static function line(string $text): void
    {
        if (self::$written >= self::MOST || !function_exists('logActivity')) {
            return;
        }
        self::$written++;
        try {
            logActivity('Deskside: ' . $text);
        } catch (\Throwable $error) {
            // The page is worth more than the line.
            return;
        }
    }

    public static function error(string $what, \Throwable $error): void
    {
        $place = basename($error->getFile()) . ':' . $error->getLine();
        self::line($what . ' (' . get_class($error) . ' at ' . $place . ')');
    }

    /**
     * Runs what must not end in a page of WHMCS; its value, or an empty text when it failed.
     *
     * @return mixed
     */
    public static function guarded(string $what, callable $act)
    {
        try {
            return $act();
        } catch (\Throwable $error) {
            self::error($what, $error);
            return '';
        }
    }
}
