<?php

// All of it is PHP 7.4, though it resembles what is not.

namespace Example;

use function str_repeat;

final class Holder
{
    public const MIXED = 'mixed';

    /** @var int|string|null mixed, union and #[Attribute] in a comment */
    private ?int $value = null;

    public static array $all = [];

    public function match(?string $readonly, int $flags = A | B, array ...$rest): ?self
    {
        $enum = $readonly === null ? self::MIXED : Other::MATCH;
        $text = "{$this->value}" . sprintf('%s', $enum,);
        return $this->enum($text)->match($flags ? $text : MORE, $flags | 1);
    }

    public function str_contains(self $other): bool
    {
        return $this->str_contains($other) || self::str_contains($other);
    }

    public function &enum(string $static): iterable
    {
        static $seen = [];
        switch ($static) {
            case 'a':
                throw new \RuntimeException('?');
            default:
                throw new \RuntimeException($static ? 'yes' : 'no');
        }
    }
}

$sum = fn (int &$one, ?int ...$more): ?int => $one | $more[0];
$name = Holder::class;
$call = function ($one, $two = [1, 2,]) use (&$sum, $name): void {
    try {
        work(...$two);
    } catch (\RuntimeException | \LogicException $error) {
        if ($error instanceof Holder) throw $error;
        else throw new \RuntimeException('x', 0, $error);
    }
};
again:
if (WORK): $call(1, A ? B : C, $sum ?: D); endif;
$mode = 0755;
