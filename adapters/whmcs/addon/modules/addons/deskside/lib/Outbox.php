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
     * @return int the row
     */
    public static function add(array $payload): int
    {
        $now = time();
        return (int) Capsule::table(self::TABLE)->insertGetId([
            'event_id' => Signature::newId('evt'),
            'event' => (string) $payload['type'],
            'body' => (string) json_encode($payload, JSON_UNESCAPED_SLASHES),
            'tries' => 0,
            'created_at' => $now,
            'next_at' => $now,
            'sent_at' => null,
            'last_error' => '',
        ]);
    }

    /** One event, now; null when somebody else is at it. */
    public static function send(int $id): ?Answer
    {
        $row = Capsule::table(self::TABLE)->where('id', $id)->whereNull('sent_at')->first();
        return $row === null ? null : self::sendRow($row);
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
            $answer = self::sendRow($row);
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
    private static function sendRow($row): ?Answer
    {
        $claimed = Capsule::table(self::TABLE)
            ->where('id', $row->id)->whereNull('sent_at')->where('tries', $row->tries)
            ->update(['tries' => $row->tries + 1, 'next_at' => time() + self::CLAIM_SECONDS]);
        if ($claimed !== 1) {
            return null;
        }
        $answer = Deskside::deliver((string) $row->event_id, (string) $row->body);
        $values = $answer->ok()
            ? ['sent_at' => time(), 'last_error' => '']
            : ['next_at' => time() + self::delay((int) $row->tries, $answer), 'last_error' => $answer->why()];
        Capsule::table(self::TABLE)->where('id', $row->id)->update($values);
        return $answer;
    }

    private static function delay(int $tries, Answer $answer): int
    {
        if ($answer->hopeless()) {
            // Kept for a person to see until it is pruned; it must not stop what is behind it.
            return self::KEEP_UNSENT;
        }
        return min(self::LONGEST_DELAY, self::FIRST_DELAY * (2 ** min($tries, 10))) + random_int(0, 30);
    }
}
