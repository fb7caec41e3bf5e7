<?php

namespace WHMCS\Module\Addon\Deskside\Knowledge;

use WHMCS\Database\Capsule;

/**
 * Rows in WHMCS's tables, written together. Strict databases want every column named, and older versions have fewer of
 * them.
 */
final class Rows
{
    private const ATTEMPTS = 3;

    /** @var array<string, string[]> */
    private static $columns = [];

    /**
     * All of it or nothing; done again when the database gave way to another request (a deadlock).
     *
     * @return mixed what it gives
     */
    public static function together(callable $act)
    {
        return Capsule::connection()->transaction(function () use ($act) {
            return $act();
        }, self::ATTEMPTS);
    }

    /** @param array<string, mixed> $values */
    public static function insert(string $table, array $values): int
    {
        if (!isset(self::$columns[$table])) {
            self::$columns[$table] = Capsule::schema()->getColumnListing($table);
        }
        $known = array_intersect_key($values, array_flip(self::$columns[$table]));
        if (!in_array('id', self::$columns[$table], true)) {
            Capsule::table($table)->insert($known);
            return 0;
        }
        return (int) Capsule::table($table)->insertGetId($known);
    }
}
