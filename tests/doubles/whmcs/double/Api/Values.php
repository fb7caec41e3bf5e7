<?php

namespace WhmcsDouble\Api;

/**
 * Small readings of parameters and shapings of answers.
 */
final class Values
{
    /** @param array<string, mixed> $values */
    public static function number(array $values, string $name): int
    {
        return (int) ($values[$name] ?? 0);
    }

    /** @param array<string, mixed> $values */
    public static function text(array $values, string $name): string
    {
        return (string) ($values[$name] ?? '');
    }

    /**
     * A list as WHMCS nests it; an empty one is an empty text.
     *
     * @param mixed[] $rows
     * @return mixed
     */
    public static function listed(string $singular, array $rows)
    {
        return $rows === [] ? '' : [$singular => array_values($rows)];
    }

    /**
     * @param \Illuminate\Database\Query\Builder $query
     * @param array<string, mixed> $values
     * @return object[]
     */
    public static function page($query, array $values): array
    {
        $limit = self::number($values, 'limitnum') ?: 25;
        return $query->offset(self::number($values, 'limitstart'))->limit($limit)->get()->all();
    }
}
