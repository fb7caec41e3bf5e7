<?php

namespace WHMCS\Module\Addon\Deskside;

use WHMCS\Database\Capsule;

/**
 * Events until Deskside has them. A row is claimed before it is sent, so that a page and cron do not send it both; if
 * the process dies in between, the claim runs out and the same event goes again under the same id.
 */
final class Outbox
{
    public const TABLE = 'mod_deskside_outbox';
    private const BATCH = 50;
    private const BATCH_SECONDS = 20;
    private const CLAIM_SECONDS = 60;
    private const FIRST_DELAY = 60;
    private const LONGEST_DELAY = 21600;
    private const KEEP_SENT = 172800;
    private const KEEP_UNSENT = 1209600;

    /**
     * @param array<string, mixed> $payload
     * @param bool $claimed whether the caller will send it itself, in this request
     * @return array<string, mixed> the row
     */
    public static function add(array $payload, bool $claimed): array
    {
        $now = time();
        $row = [
            'event_id' => Signature::newId('evt'),
            'event' => (string) $payload['type'],
            'body' => (string) json_encode($payload, JSON_UNESCAPED_SLASHES),
            'tries' => $claimed ? 1 : 0,
            'created_at' => $now,
            'next_at' => $claimed ? $now + self::CLAIM_SECONDS : $now,
            'sent_at' => null,
            'last_error' => '',
        ];
        return ['id' => (int) Capsule::table(self::TABLE)->insertGetId($row)] + $row;
    }

    /**
     * Send an event that is claimed.
     *
     * @param array<string, mixed> $row
     */
    public static function send(array $row): Answer
    {
        $answer = Deskside::deliver((string) $row['event_id'], (string) $row['body']);
        $tries = (int) $row['tries'];
        $values = $answer->ok()
            ? ['sent_at' => time(), 'last_error' => '']
            : ['next_at' => time() + self::delay($tries, $answer), 'last_error' => $answer->why()];
        Capsule::table(self::TABLE)->where('id', $row['id'])->update($values);
        return $answer;
    }

    /** What waits and is due, until the first failure. */
    public static function flush(): int
    {
        $until = microtime(true) + self::BATCH_SECONDS;
        $rows = Capsule::table(self::TABLE)
            ->whereNull('sent_at')->where('next_at', '<=', time())
            ->orderBy('id')->limit(self::BATCH)->get();
        $sent = 0;
        foreach ($rows as $row) {
            if (microtime(true) > $until) {
                break;
            }
            $answer = self::claimAndSend($row);
            if ($answer === null || $answer->hopeless()) {
                continue;
            }
            if (!$answer->ok()) {
                break;
            }
            $sent++;
        }
        return $sent;
    }

    /** @return int how many were given up unsent */
    public static function prune(): int
    {
        $now = time();
        Capsule::table(self::TABLE)->where('sent_at', '<', $now - self::KEEP_SENT)->delete();
        return (int) Capsule::table(self::TABLE)
            ->whereNull('sent_at')->where('created_at', '<', $now - self::KEEP_UNSENT)->delete();
    }

    /** @return array{waiting: int, oldest: int, sent: int} */
    public static function summary(): array
    {
        $waiting = Capsule::table(self::TABLE)->whereNull('sent_at');
        return [
            'waiting' => (int) $waiting->count(),
            'oldest' => (int) $waiting->min('created_at'),
            'sent' => (int) Capsule::table(self::TABLE)->where('sent_at', '>', time() - 86400)->count(),
        ];
    }

    /** The newest rows, for a person. */
    public static function newest(int $most): iterable
    {
        return Capsule::table(self::TABLE)->orderBy('id', 'desc')->limit($most)
            ->get(['event', 'tries', 'created_at', 'next_at', 'sent_at', 'last_error']);
    }

    /** @param object $row */
    private static function claimAndSend($row): ?Answer
    {
        $claimed = ['tries' => $row->tries + 1, 'next_at' => time() + self::CLAIM_SECONDS];
        $mine = Capsule::table(self::TABLE)
            ->where('id', $row->id)->whereNull('sent_at')->where('tries', $row->tries)
            ->update($claimed);
        return $mine === 1 ? self::send($claimed + (array) $row) : null;
    }

    private static function delay(int $tries, Answer $answer): int
    {
        if ($answer->hopeless()) {
            // Kept for a person to see until it is pruned; it must not stop what is behind it.
            return self::KEEP_UNSENT;
        }
        return min(self::LONGEST_DELAY, self::FIRST_DELAY * (2 ** min($tries - 1, 10))) + random_int(0, 30);
    }
}
