<?php

namespace WhmcsDouble;

use WHMCS\Database\Capsule;

/**
 * The life of addon modules: config, activation, settings, access, upgrade.
 */
final class Addons
{
    /** @return string[] names of the folders that hold an addon */
    public static function all(): array
    {
        $names = [];
        foreach (glob(ROOTDIR . '/modules/addons/*', GLOB_ONLYDIR) ?: [] as $folder) {
            $name = basename($folder);
            if (preg_match('/^[a-z][a-z0-9_]*$/', $name) && is_file("$folder/$name.php")) {
                $names[] = $name;
            }
        }
        return $names;
    }

    public static function isActive(string $name): bool
    {
        return in_array($name, Configuration::listed('ActiveAddonModules'), true);
    }

    public static function load(string $name): void
    {
        require_once ROOTDIR . "/modules/addons/$name/$name.php";
    }

    /** @return mixed what NAME_function gave, null where the addon has none */
    public static function call(string $name, string $function, ...$arguments)
    {
        self::load($name);
        $called = $name . '_' . $function;
        return function_exists($called) ? $called(...$arguments) : null;
    }

    public static function config(string $name): array
    {
        return (array) self::call($name, 'config');
    }

    /** @return array{status: string, description: string} */
    public static function activate(string $name): array
    {
        $answer = self::call($name, 'activate') ?: ['status' => 'success', 'description' => ''];
        if ($answer['status'] !== 'error') {
            self::setActive(array_merge(Configuration::listed('ActiveAddonModules'), [$name]));
            self::store($name, ['version' => (string) (self::config($name)['version'] ?? '')]);
            self::listHooks();
            logActivity('Addon Module Activated - ' . $name);
        }
        return $answer;
    }

    /** @return array{status: string, description: string} */
    public static function deactivate(string $name): array
    {
        $answer = self::call($name, 'deactivate') ?: ['status' => 'success', 'description' => ''];
        if ($answer['status'] !== 'error') {
            self::setActive(array_diff(Configuration::listed('ActiveAddonModules'), [$name]));
            Capsule::table('tbladdonmodules')->where('module', $name)->delete();
            self::listHooks();
            logActivity('Addon Module Deactivated - ' . $name);
        }
        return $answer;
    }

    /**
     * @param array<string, string> $values of the addon's own fields; those not named are stored as ''
     * @param int[] $roles that may open the addon
     */
    public static function save(string $name, array $values, array $roles): void
    {
        $stored = ['access' => implode(',', $roles)];
        foreach (array_keys(self::config($name)['fields'] ?? []) as $field) {
            $stored[$field] = (string) ($values[$field] ?? '');
        }
        self::store($name, $stored);
        self::listHooks();
        logActivity('Addon Module Settings Modified - ' . $name);
    }

    /** Runs NAME_upgrade once after the version of the files has changed. */
    public static function upgrade(string $name): void
    {
        $settings = self::settings($name);
        $version = (string) (self::config($name)['version'] ?? '');
        if ($version !== ($settings['version'] ?? '')) {
            self::call($name, 'upgrade', $settings);
            self::store($name, ['version' => $version]);
        }
    }

    /** @return array<string, string> what is stored, `version` and `access` included */
    public static function settings(string $name): array
    {
        return Capsule::table('tbladdonmodules')->where('module', $name)->pluck('value', 'setting')->all();
    }

    /** @return array<string, mixed> the $vars of output, sidebar and clientarea */
    public static function vars(string $name, string $link): array
    {
        return ['modulelink' => $link, '_lang' => self::language($name)] + self::settings($name);
    }

    public static function roleMayOpen(string $name, int $role): bool
    {
        return in_array((string) $role, explode(',', self::settings($name)['access'] ?? ''), true);
    }

    private static function language(string $name): array
    {
        $_ADDONLANG = [];
        $file = ROOTDIR . "/modules/addons/$name/lang/english.php";
        if (is_file($file)) {
            require $file;
        }
        return $_ADDONLANG;
    }

    private static function setActive(array $names): void
    {
        Configuration::set('ActiveAddonModules', implode(',', array_unique($names)));
    }

    private static function listHooks(): void
    {
        $with = array_filter(Configuration::listed('ActiveAddonModules'), function ($name) {
            return is_file(ROOTDIR . "/modules/addons/$name/hooks.php");
        });
        Configuration::set('AddonModulesHooks', implode(',', $with));
    }

    /** @param array<string, string> $values */
    private static function store(string $name, array $values): void
    {
        foreach ($values as $setting => $value) {
            Capsule::table('tbladdonmodules')->updateOrInsert(
                ['module' => $name, 'setting' => $setting],
                ['value' => $value]
            );
        }
    }
}
