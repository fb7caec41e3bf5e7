<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * What the scripts ask. Every answer is one JSON object with HTTP 200: a page that cannot be answered stays as it is.
 */
final class Ajax
{
    private const AGENT = ['panel', 'queue', 'lock.take', 'lock.renew', 'lock.release', 'lock.override'];

    public static function agent(string $action): void
    {
        self::answer(function () use ($action) {
            $ticket = self::ticket();
            $token = self::field('deskside_token', 64);
            if (!in_array($action, self::AGENT, true) || !Token::good($token, 'agent', Staff::id(), $ticket)) {
                return ['denied' => true];
            }
            $agent = Staff::agent();
            if ($agent === null) {
                return ['denied' => true];
            }
            $wanted = ['type' => $action, 'agent' => $agent];
            if ($ticket !== '') {
                $wanted['ticket'] = $ticket;
            }
            $lease = self::field('lease', 100);
            if ($lease !== '') {
                $wanted['token'] = $lease;
            }
            return $wanted;
        });
    }

    public static function client(string $action): void
    {
        self::answer(function () use ($action) {
            $client = Customer::id();
            $ticket = self::ticket();
            $token = self::field('deskside_token', 64);
            if ($action !== 'place' || $client === '' || !Token::good($token, 'client', $client, $ticket)) {
                return ['denied' => true];
            }
            $language = Lang::code((string) ($_SESSION['Language'] ?? ''));
            return ['type' => 'place', 'ticket' => $ticket, 'client' => ['id' => $client, 'language' => $language]];
        });
    }

    private static function answer(callable $wanted): void
    {
        $found = Log::guarded('a question of a page was not answered', function () use ($wanted) {
            if (($_SERVER['REQUEST_METHOD'] ?? '') !== 'POST') {
                return ['ok' => false, 'denied' => true];
            }
            $wanted = $wanted();
            if (isset($wanted['denied'])) {
                return ['ok' => false, 'denied' => true];
            }
            // PHP lets one request of a session run at a time: the person's next page must not wait for Deskside.
            if (session_status() === PHP_SESSION_ACTIVE) {
                session_write_close();
            }
            $answer = Deskside::ask($wanted);
            return $answer === null ? ['ok' => false, 'away' => true] : ['ok' => true] + $answer;
        });
        while (ob_get_level() > 0) {
            ob_end_clean();
        }
        if (!headers_sent()) {
            header('Content-Type: application/json; charset=utf-8');
            header('Cache-Control: no-store');
            header('X-Content-Type-Options: nosniff');
        }
        echo json_encode(is_array($found) ? $found : ['ok' => false, 'away' => true], JSON_INVALID_UTF8_SUBSTITUTE);
        exit;
    }

    private static function ticket(): string
    {
        $ticket = self::field('ticket', 19);
        return preg_match('/^[1-9][0-9]*$/', $ticket) === 1 ? $ticket : '';
    }

    private static function field(string $name, int $most): string
    {
        $value = $_POST[$name] ?? '';
        return is_string($value) && strlen($value) <= $most ? $value : '';
    }
}
