<?php

namespace WHMCS\Module\Addon\Deskside;

use WHMCS\Database\Capsule;

/**
 * A few named values: the breaker, the last contact, the settings. Read once a request.
 */
final class State
{
    public const TABLE = 'mod_deskside_state';

    /** @var array<string, string>|null */
    private static $values = null;

    public static function get(string $name, string $default = ''): string
    {
        if (self::$values === null) {
            self::$values = [];
            foreach (Capsule::table(self::TABLE)->get(['name', 'value']) as $row) {
                self::$values[(string) $row->name] = (string) $row->value;
            }
        }
        return self::$values[$name] ?? $default;
    }

    public static function set(string $name, string $value): void
    {
        Capsule::table(self::TABLE)->updateOrInsert(['name' => $name], ['value' => $value]);
        if (self::$values !== null) {
            self::$values[$name] = $value;
        }
    }

    public static function forget(string $name): void
    {
        Capsule::table(self::TABLE)->where('name', $name)->delete();
        if (self::$values !== null) {
            unset(self::$values[$name]);
        }
    }
}
