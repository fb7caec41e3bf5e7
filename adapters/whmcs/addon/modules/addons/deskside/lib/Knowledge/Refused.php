<?php

namespace WHMCS\Module\Addon\Deskside\Knowledge;

/**
 * Why a request is not done: nothing was changed. The words hold no value of ours.
 */
final class Refused extends \RuntimeException
{
    /** @var int */
    public $status;

    /** @var string */
    public $name;

    public function __construct(int $status, string $name, string $words)
    {
        parent::__construct($words);
        $this->status = $status;
        $this->name = $name;
    }

    public static function malformed(string $words): self
    {
        return new self(400, 'malformed', $words);
    }

    public static function gone(): self
    {
        return new self(404, 'gone', 'there is no such article, or it was archived');
    }
}
