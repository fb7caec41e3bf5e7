<?php

namespace WhmcsDouble\Api;

use RuntimeException;

/**
 * An error of the API; its code is the HTTP status. Errors of business have 200.
 */
final class Refusal extends RuntimeException
{
    public function __construct(string $message, int $status = 200)
    {
        parent::__construct($message, $status);
    }
}
