<?php

namespace WhmcsDouble;

/**
 * Reads the files of hooks, on every request before the page acts.
 */
final class HookLoader
{
    public static function load(): void
    {
        $files = glob(ROOTDIR . '/includes/hooks/*.php') ?: [];
        foreach ($files as $file) {
            if (basename($file)[0] !== '_') {
                self::read($file);
            }
        }
        // The list is written when an addon is activated or its settings are saved: a hooks.php that comes later is
        // not seen until then.
        foreach (Configuration::listed('AddonModulesHooks') as $name) {
            $file = ROOTDIR . '/modules/addons/' . $name . '/hooks.php';
            if (is_file($file)) {
                self::read($file);
            }
        }
    }

    private static function read(string $file): void
    {
        require_once $file;
    }
}
