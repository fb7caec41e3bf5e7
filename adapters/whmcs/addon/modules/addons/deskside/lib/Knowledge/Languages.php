<?php

namespace WHMCS\Module\Addon\Deskside\Knowledge;

use WHMCS\Database\Capsule;

/**
 * The languages of the client area, as the files in WHMCS's folder `lang` are called.
 */
final class Languages
{
    /** The one an article without a language is in. */
    public static function standard(): string
    {
        $found = Capsule::table('tblconfiguration')->where('setting', 'Language')->value('value');
        return strtolower((string) $found) ?: 'english';
    }

    /** @return string[] none when the folder cannot be read */
    public static function installed(): array
    {
        $found = [];
        foreach (glob(dirname(__DIR__, 5) . '/lang/*.php') ?: [] as $file) {
            $name = basename($file, '.php');
            if (preg_match('/^[a-z][a-z-]+$/D', $name) === 1 && $name !== 'index') {
                $found[] = $name;
            }
        }
        return $found;
    }
}
