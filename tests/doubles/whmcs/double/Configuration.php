<?php

namespace WhmcsDouble;

use WHMCS\Database\Capsule;

/**
 * tblconfiguration: WHMCS's own settings.
 */
final class Configuration
{
    public static function get(string $setting): string
    {
        return (string) Capsule::table('tblconfiguration')->where('setting', $setting)->value('value');
    }

    public static function set(string $setting, string $value): void
    {
        Capsule::table('tblconfiguration')->updateOrInsert(['setting' => $setting], ['value' => $value]);
    }

    /** @return string[] */
    public static function listed(string $setting): array
    {
        return array_values(array_filter(explode(',', self::get($setting)), 'strlen'));
    }

    public static function systemUrl(): string
    {
        return rtrim(self::get('SystemURL'), '/');
    }
}
