<?php

/**
 * In front of every request of `php -S`: counts it, answers the tests' own addresses, hides what a web server would
 * hide. All else is the file that was asked for.
 */

$path = (string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);

if (strpos($path, '/__double/') === 0) {
    require_once __DIR__ . '/Control.php';
    WhmcsDouble\Control::answer(substr($path, strlen('/__double/')));
    return true;
}

$request = ['method' => $_SERVER['REQUEST_METHOD'], 'path' => $_SERVER['REQUEST_URI']];
$line = json_encode($request, JSON_UNESCAPED_SLASHES);
file_put_contents(dirname(__DIR__, 2) . '/state/requests.jsonl', $line . "\n", FILE_APPEND | LOCK_EX);

if (strpos($path, '/double/') === 0 || strpos($path, '/crons/') === 0) {
    http_response_code(403);
    return true;
}
return false;
