<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * Keeps what happened, and tells Deskside of one of it when the page is done; cron tells the rest.
 */
final class Recorder
{
    /** @var int|null the first row of this request */
    private static $first = null;

    /** @param array<int, array<string, mixed>> $payloads */
    public static function record(array $payloads): void
    {
        foreach ($payloads as $payload) {
            if (!Settings::sends((string) $payload['type'])) {
                continue;
            }
            $id = Outbox::add($payload);
            if (self::$first === null) {
                self::$first = $id;
                // At the end, when everything this request changes is stored: Deskside reads the ticket on hearing.
                register_shutdown_function([self::class, 'push']);
            }
        }
    }

    public static function push(): void
    {
        Log::guarded('an event waits for cron', function () {
            // In a long run of cron, AfterCronJob comes by itself.
            if (PHP_SAPI === 'cli' || self::$first === null || !Settings::complete() || Breaker::open()) {
                return;
            }
            Outbox::send(self::$first);
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
}
