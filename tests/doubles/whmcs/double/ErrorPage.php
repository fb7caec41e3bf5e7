<?php

namespace WhmcsDouble;

use Throwable;

/**
 * What nobody caught, as a page a test can see, and every warning in the log of errors. WHMCS shows such a page too;
 * with less on it.
 */
final class ErrorPage
{
    private const FATAL = E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR;

    public static function install(): void
    {
        ini_set('display_errors', PHP_SAPI === 'cli' ? 'stderr' : '0');
        ini_set('error_log', State::path('php.log'));
        error_reporting(E_ALL);
        set_error_handler(function ($level, $message, $file, $line) {
            // What the caller silenced with @ stays silent; Illuminate 8 is older than this PHP.
            if ((error_reporting() & $level) && strncmp($file, '/usr/share/php/', 15) !== 0) {
                State::log('errors', ['kind' => 'warning', 'message' => $message, 'at' => $file . ':' . $line]);
            }
            return true;
        });
        set_exception_handler([self::class, 'show']);
        register_shutdown_function(function () {
            $last = error_get_last();
            if ($last !== null && ($last['type'] & self::FATAL)) {
                $at = $last['file'] . ':' . $last['line'];
                State::log('errors', ['kind' => 'fatal', 'message' => $last['message'], 'at' => $at]);
            }
        });
    }

    public static function show(Throwable $error): void
    {
        $at = $error->getFile() . ':' . $error->getLine();
        State::log('errors', ['kind' => get_class($error), 'message' => $error->getMessage(), 'at' => $at]);
        if (PHP_SAPI === 'cli') {
            fwrite(STDERR, $error . "\n");
            exit(255);
        }
        while (ob_get_level() > 0) {
            ob_end_clean();
        }
        if (!headers_sent()) {
            http_response_code(500);
            header('Content-Type: text/html; charset=utf-8');
        }
        echo '<!DOCTYPE html><title>Oops!</title><h1>Oops!</h1><p>Something went wrong.</p>'
            . '<pre id="double-error">' . htmlspecialchars((string) $error, ENT_QUOTES) . '</pre>';
    }
}
