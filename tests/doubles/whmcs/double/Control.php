<?php

namespace WhmcsDouble;

use WHMCS\Database\Capsule;

/**
 * What only tests can do: POST /__double/NAME with a JSON object, answered with JSON.
 */
final class Control
{
    // These run as WHMCS would run them: hooks read, faults on.
    private const INSIDE = ['hook', 'invoice', 'module', 'local_api', 'addon'];

    public static function answer(string $command): void
    {
        if (!in_array($command, self::INSIDE, true)) {
            define('WHMCS_DOUBLE_WITHOUT_HOOKS', true);
            define('WHMCS_DOUBLE_WITHOUT_FAULTS', true);
        }
        require_once __DIR__ . '/boot.php';
        $asked = json_decode((string) file_get_contents('php://input'), true) ?: [];
        $method = 'do' . str_replace('_', '', ucwords($command, '_'));
        $answer = self::$method($asked);
        header('Content-Type: application/json');
        echo json_encode($answer, JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_UNESCAPED_SLASHES);
    }

    private static function doInstall(array $asked)
    {
        if (Capsule::connection()->getDriverName() === 'sqlite') {
            Capsule::connection()->getPdo()->exec('PRAGMA journal_mode = WAL');
        }
        Schema::create();
        Seed::fill($asked['url'], $asked['secrets']);
        return true;
    }

    private static function doLogin(array $asked)
    {
        unset($_SESSION['adminid'], $_SESSION['uid'], $_SESSION['user']);
        if ($asked['admin'] !== null) {
            $_SESSION['adminid'] = $asked['admin'];
        }
        if ($asked['client'] !== null) {
            $_SESSION['uid'] = $asked['client'];
            if ($asked['admin'] === null) {
                $owner = Capsule::table('tblusers_clients')->where('client_id', $asked['client'])->where('owner', 1);
                $_SESSION['user'] = $owner->value('auth_user_id');
            }
        }
        return ['token' => Session::token()];
    }

    private static function doTable(array $asked)
    {
        return Capsule::schema()->hasTable($asked['name']) ? Capsule::table($asked['name'])->get()->all() : null;
    }

    private static function doQuery(array $asked)
    {
        return Capsule::select($asked['sql'], $asked['values']);
    }

    private static function doStatement(array $asked)
    {
        return Capsule::affectingStatement($asked['sql'], $asked['values']);
    }

    private static function doInsert(array $asked)
    {
        return Capsule::table($asked['table'])->insertGetId($asked['row']);
    }

    private static function doConfiguration(array $asked)
    {
        Configuration::set($asked['setting'], $asked['value']);
        return true;
    }

    private static function doHook(array $asked)
    {
        return Hooks::run($asked['name'], $asked['vars']);
    }

    private static function doLocalApi(array $asked)
    {
        return localAPI($asked['action'], $asked['values']);
    }

    private static function doInvoice(array $asked)
    {
        return Invoices::change($asked['id'], $asked['to']);
    }

    private static function doModule(array $asked)
    {
        return ServiceModule::run($asked['command'], $asked['service'], $asked['failure']);
    }

    private static function doAddon(array $asked)
    {
        switch ($asked['step']) {
            case 'activate':
                return Addons::activate($asked['name']);
            case 'deactivate':
                return Addons::deactivate($asked['name']);
            default:
                return Addons::save($asked['name'], $asked['values'], $asked['roles']);
        }
    }
}
