<?php

namespace WHMCS\Module\Addon\Deskside\Knowledge;

/**
 * The JSON object of a request. What is not of its type is refused, never turned into it.
 */
final class Request
{
    private const DEPTH = 8;

    /** @var array<string, mixed> */
    private $fields;

    public function __construct(string $body)
    {
        $fields = json_decode($body, true, self::DEPTH);
        if (!is_array($fields)) {
            throw Refused::malformed('the body is no JSON object');
        }
        $this->fields = $fields;
    }

    public function text(string $name): string
    {
        $value = $this->fields[$name] ?? null;
        if (!is_string($value)) {
            throw Refused::malformed($name . ' must be a text');
        }
        return $value;
    }

    public function number(string $name, int $least = 1): int
    {
        $value = $this->fields[$name] ?? null;
        if (!is_int($value) || $value < $least || $value > 2147483647) {
            throw Refused::malformed($name . ' must be a number from ' . $least);
        }
        return $value;
    }

    public function numberOrNull(string $name): ?int
    {
        return isset($this->fields[$name]) ? $this->number($name, 0) : null;
    }

    public function flag(string $name): bool
    {
        $value = $this->fields[$name] ?? null;
        if (!is_bool($value)) {
            throw Refused::malformed($name . ' must be true or false');
        }
        return $value;
    }

    /** @return string[] */
    public function texts(string $name, int $most): array
    {
        $value = $this->fields[$name] ?? null;
        if (!is_array($value) || count($value) > $most || array_filter($value, 'is_string') !== $value) {
            throw Refused::malformed($name . ' must be a list of at most ' . $most . ' texts');
        }
        return array_values($value);
    }

    /** The name a caller gave what it makes, to find it again. */
    public function marker(): string
    {
        $marker = $this->text('marker');
        if (preg_match('/^[A-Za-z0-9:._-]{1,64}$/D', $marker) !== 1) {
            throw Refused::malformed('marker must be 1 to 64 letters, digits and : . _ -');
        }
        return $marker;
    }

    /** A language as WHMCS calls it, such as "russian" or "portuguese-br". */
    public function language(): string
    {
        $language = $this->text('language');
        if (preg_match('/^[a-z][a-z-]{1,38}$/D', $language) !== 1) {
            throw Refused::malformed('language must be a name as in the folder lang');
        }
        return $language;
    }

    /** The same language as Deskside calls it, such as "ru" or "pt-br". */
    public function tag(): string
    {
        $tag = $this->text('tag');
        if (preg_match('/^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/D', $tag) !== 1 || strlen($tag) > 16) {
            throw Refused::malformed('tag must be a language tag in lower case');
        }
        return $tag;
    }
}
