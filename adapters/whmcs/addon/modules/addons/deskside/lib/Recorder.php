<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * Keeps what happened, and tells Deskside of one of it when the page is done; cron tells the rest.
 */
final class Recorder
{
    /** @var array<string, mixed>|null the first row of this request, which it will send itself */
    private static $first = null;

    /** @param array<int, array<string, mixed>> $payloads */
    public static function record(array $payloads): void
    {
        foreach ($payloads as $payload) {
            if (!Settings::sends((string) $payload['type'])) {
                continue;
            }
            $first = self::$first === null && self::mayPush();
            $row = Outbox::add($payload, $first);
            if ($first) {
                self::$first = $row;
                // At the end, when everything this request changes is stored: Deskside reads the ticket on hearing.
                register_shutdown_function([self::class, 'push']);
            }
        }
    }

    public static function push(): void
    {
        Log::guarded('an event waits for cron', function () {
            if (self::$first !== null) {
                Outbox::send(self::$first);
            }
        });
    }

    public static function flush(): void
    {
        if (Settings::complete()) {
            Outbox::flush();
        }
        $given = Outbox::prune();
        if ($given > 0) {
            Log::line($given . ' events were never taken by Deskside and are given up after two weeks');
        }
    }

    private static function mayPush(): bool
    {
        // A run of cron needs none: AfterCronJob comes at its end.
        return PHP_SAPI !== 'cli' && Settings::complete() && !Breaker::open();
    }
}
