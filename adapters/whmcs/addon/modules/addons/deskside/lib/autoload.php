<?php

/**
 * WHMCS loads the classes of an active module by itself; whether it does so for hooks.php in every version is not
 * documented, so they are found here too.
 */

spl_autoload_register(function ($class) {
    $prefix = 'WHMCS\\Module\\Addon\\Deskside\\';
    if (strncmp($class, $prefix, strlen($prefix)) !== 0) {
        return;
    }
    $file = __DIR__ . '/' . str_replace('\\', '/', substr($class, strlen($prefix))) . '.php';
    if (is_file($file)) {
        require_once $file;
    }
});
