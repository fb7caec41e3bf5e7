<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * What the scripts ask. Every answer is one JSON object with HTTP 200: a page that cannot be answered stays as it is.
 */
final class Ajax
{
    private const BOOST = 'boost.ask';
    private const AGENT = [
        'panel', 'queue', 'lock.take', 'lock.renew', 'lock.release', 'lock.override', self::BOOST,
    ];
    private const CLIENT = ['place', self::BOOST];
    public const SUGGEST = 'suggest';
    private const SHORTEST_QUERY = 8;
    private const LONGEST_QUERY = 200;

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
            return $wanted + self::boost($action);
        });
    }

    public static function client(string $action): void
    {
        self::answer(function () use ($action) {
            $client = Customer::id();
            if ($action === self::SUGGEST) {
                return self::suggestion($client);
            }
            $ticket = self::ticket();
            $token = self::field('deskside_token', 64);
            $known = in_array($action, self::CLIENT, true) && $client !== '';
            if (!$known || !Token::good($token, 'client', $client, $ticket)) {
                return ['denied' => true];
            }
            // Who looks as a client buys nothing in that client's name.
            if ($action === self::BOOST && Customer::masqueraded()) {
                return ['denied' => true];
            }
            $who = ['id' => $client, 'language' => Customer::language()];
            return ['type' => $action, 'ticket' => $ticket, 'client' => $who] + self::boost($action);
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

    /** @return array<string, mixed> */
    private static function suggestion(string $client): array
    {
        $query = trim(Lang::cut(Lang::typed(self::field('query', 6 * self::LONGEST_QUERY)), self::LONGEST_QUERY));
        $enough = preg_match('/^.{' . self::SHORTEST_QUERY . '}/us', $query) === 1;
        $token = self::field('deskside_token', 64);
        if (!$enough || !Settings::suggest() || !Token::good($token, self::SUGGEST, $client)) {
            return ['denied' => true];
        }
        return ['type' => self::SUGGEST, 'query' => $query, 'language' => Customer::language()];
    }

    /** @return array<string, mixed> what is to be bought, and the place that was shown for it */
    private static function boost(string $action): array
    {
        if ($action !== self::BOOST) {
            return [];
        }
        $place = self::field('place', 7);
        return ['kind' => self::field('kind', 16), 'place' => ctype_digit($place) ? (int) $place : null];
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
