<?php

namespace WHMCS\Module\Addon\Deskside;

use WHMCS\Database\Capsule;

/**
 * The admin whose session this is.
 */
final class Staff
{
    /** Its id; empty when nobody is signed in. */
    public static function id(): string
    {
        $id = (string) ($_SESSION['adminid'] ?? '');
        return preg_match('/^[1-9][0-9]{0,18}$/', $id) === 1 ? $id : '';
    }

    /** @return array{id: string, name: string, language: string}|null */
    public static function agent(): ?array
    {
        $row = self::row(['firstname', 'lastname', 'username', 'language']);
        if ($row === null) {
            return null;
        }
        $name = trim($row->firstname . ' ' . $row->lastname);
        $name = html_entity_decode($name !== '' ? $name : (string) $row->username, ENT_QUOTES, 'UTF-8');
        return [
            'id' => self::id(),
            'name' => Lang::cut($name, 120),
            'language' => Lang::code((string) $row->language),
        ];
    }

    /** Whether this admin's role is one of those named in the addon's configuration. */
    public static function maySettle(string $roles): bool
    {
        $row = self::row(['roleid']);
        $named = array_filter(array_map('trim', explode(',', $roles)));
        return $row !== null && in_array((string) $row->roleid, $named, true);
    }

    public static function language(): string
    {
        $row = self::row(['language']);
        return $row === null ? 'en' : Lang::code((string) $row->language);
    }

    /**
     * @param string[] $columns
     * @return object|null
     */
    private static function row(array $columns)
    {
        $id = self::id();
        return $id === '' ? null : Capsule::table('tbladmins')->where('id', $id)->first($columns);
    }
}
