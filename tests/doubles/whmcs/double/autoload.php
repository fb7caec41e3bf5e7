<?php

/**
 * Classes: Debian's Illuminate under WHMCS's name for it, the double's own, the few of WHMCS, and those of addons.
 */

require_once 'Illuminate/Database/autoload.php';

class_alias(Illuminate\Database\Capsule\Manager::class, 'WHMCS\Database\Capsule');

spl_autoload_register(function ($class) {
    $parts = explode('\\', $class);
    if ($parts[0] === 'WhmcsDouble') {
        $file = __DIR__ . '/' . implode('/', array_slice($parts, 1)) . '.php';
    } elseif (array_slice($parts, 0, 3) === ['WHMCS', 'Module', 'Addon'] && count($parts) > 4) {
        // WHMCS\Module\Addon\SomeName\Sub\Class is modules/addons/some_name/lib/Sub/Class.php.
        $folder = strtolower(preg_replace('/(?<!^)[A-Z]/', '_$0', $parts[3]));
        $addons = ROOTDIR . '/modules/addons/';
        if (!is_dir($addons . $folder)) {
            $folder = strtolower($parts[3]);
        }
        $file = $addons . $folder . '/lib/' . implode('/', array_slice($parts, 4)) . '.php';
    } elseif ($parts[0] === 'WHMCS') {
        $file = __DIR__ . '/whmcs/' . implode('/', array_slice($parts, 1)) . '.php';
    } else {
        return;
    }
    if (is_file($file)) {
        require_once $file;
    }
});
