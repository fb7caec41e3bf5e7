<?php

namespace WhmcsDouble;

use Illuminate\Database\Connection;
use Illuminate\Database\QueryException;
use PDOException;
use WHMCS\Database\Capsule;

/**
 * One connection, to SQLite or to MariaDB in strict mode, and the switch that makes it slow or lets it fail.
 */
final class Database
{
    // WHMCS's own tables hold zero dates, so the two modes that forbid them cannot be on.
    private const STRICT = [
        'ONLY_FULL_GROUP_BY', 'STRICT_ALL_TABLES', 'ERROR_FOR_DIVISION_BY_ZERO', 'NO_ENGINE_SUBSTITUTION',
    ];

    public static function connect(): void
    {
        $capsule = new Capsule();
        $capsule->addConnection(self::configuration());
        $capsule->setAsGlobal();
        $capsule->bootEloquent();
        $connection = $capsule->getConnection();
        if ($connection->getDriverName() === 'sqlite') {
            $connection->getPdo()->exec('PRAGMA busy_timeout = 5000');
            $connection->getPdo()->exec('PRAGMA synchronous = OFF');
        }
        $fault = State::setting('database_fault');
        if (is_array($fault) && !defined('WHMCS_DOUBLE_WITHOUT_FAULTS')) {
            self::disturb($connection, $fault);
        }
    }

    /** @return array<string, mixed> */
    private static function configuration(): array
    {
        $socket = State::setting('mariadb_socket');
        if ($socket === null) {
            return ['driver' => 'sqlite', 'database' => State::path('whmcs.sqlite'), 'prefix' => ''];
        }
        return [
            'driver' => 'mysql',
            'unix_socket' => $socket,
            'host' => 'localhost',
            'database' => State::setting('mariadb_database'),
            'username' => State::setting('mariadb_user'),
            'password' => '',
            'charset' => 'utf8mb4',
            'collation' => 'utf8mb4_unicode_ci',
            'prefix' => '',
            'modes' => self::STRICT,
        ];
    }

    /**
     * @param array{matching: string, delay: float, error: string|null} $fault which statements, seconds, the message
     */
    private static function disturb(Connection $connection, array $fault): void
    {
        $connection->beforeExecuting(function ($query, $bindings) use ($fault) {
            if ($fault['matching'] !== '' && strpos($query, $fault['matching']) === false) {
                return;
            }
            usleep((int) ($fault['delay'] * 1000000));
            if ($fault['error'] !== null) {
                throw new QueryException($query, $bindings, new PDOException($fault['error']));
            }
        });
    }
}
