<?php

namespace WhmcsDouble;

/**
 * What the launcher and the double tell each other, in a folder beside the web root: settings (read anew in each
 * request) and logs of one JSON object a line.
 */
final class State
{
    /** @var array<string, mixed>|null */
    private static $settings = null;

    public static function path(string $name): string
    {
        return dirname(ROOTDIR) . '/state/' . $name;
    }

    /**
     * @param mixed $default
     * @return mixed
     */
    public static function setting(string $name, $default = null)
    {
        if (self::$settings === null) {
            self::$settings = json_decode((string) file_get_contents(self::path('settings.json')), true) ?: [];
        }
        return self::$settings[$name] ?? $default;
    }

    /** @param array<string, mixed> $entry */
    public static function log(string $name, array $entry): void
    {
        $line = json_encode($entry, JSON_UNESCAPED_SLASHES | JSON_PARTIAL_OUTPUT_ON_ERROR) . "\n";
        file_put_contents(self::path($name . '.jsonl'), $line, FILE_APPEND | LOCK_EX);
    }
}
