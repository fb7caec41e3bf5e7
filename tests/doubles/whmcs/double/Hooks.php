<?php

namespace WhmcsDouble;

/**
 * The callbacks of add_hook, called by priority and then by the order they were added.
 */
final class Hooks
{
    /** @var array<string, array<int, callable[]>> */
    private static $callbacks = [];

    /** @var bool */
    private static $silent = false;

    public static function add(string $point, int $priority, callable $callback): void
    {
        self::$callbacks[$point][$priority][] = $callback;
    }

    /**
     * @param mixed $vars an array, or the menu item of the sidebar hooks
     * @return mixed[] what the callbacks gave, without nulls
     */
    public static function run(string $point, $vars = []): array
    {
        $byPriority = self::$silent ? [] : self::$callbacks[$point] ?? [];
        ksort($byPriority);
        $given = [];
        foreach ($byPriority as $callbacks) {
            foreach ($callbacks as $callback) {
                $answer = $callback($vars);
                if ($answer !== null) {
                    $given[] = $answer;
                }
            }
        }
        return $given;
    }

    /** @return mixed what the body gives; no hook is called meanwhile */
    public static function without(callable $body)
    {
        self::$silent = true;
        try {
            return $body();
        } finally {
            self::$silent = false;
        }
    }

    /** The HTML of the hooks that give HTML; whatever else they give is dropped. */
    public static function html(string $point, array $vars = []): string
    {
        return implode("\n", array_filter(self::run($point, $vars), 'is_string'));
    }

    /** The variables of the hooks that give template variables. */
    public static function variables(string $point, array $vars): array
    {
        return array_merge([], ...array_filter(self::run($point, $vars), 'is_array'));
    }
}
