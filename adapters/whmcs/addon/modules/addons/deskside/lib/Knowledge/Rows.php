<?php

namespace WHMCS\Module\Addon\Deskside\Knowledge;

use WHMCS\Database\Capsule;

/**
 * New rows in WHMCS's tables. Strict databases want every column named, and older versions have fewer of them.
 */
final class Rows
{
    /** @var array<string, string[]> */
    private static $columns = [];

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
