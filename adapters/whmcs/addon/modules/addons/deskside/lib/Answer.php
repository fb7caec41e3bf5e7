<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * What came of a request: a status and a body, or, with status 0, why nothing came.
 */
final class Answer
{
    /** @var int */
    public $status;

    /** @var string */
    public $body;

    /** @var string */
    public $error;

    public function __construct(int $status, string $body, string $error)
    {
        $this->status = $status;
        $this->body = $body;
        $this->error = $error;
    }

    public function ok(): bool
    {
        return $this->status >= 200 && $this->status < 300;
    }

    /** Sending the same again can never help. */
    public function hopeless(): bool
    {
        return $this->status === 400 || $this->status === 413;
    }

    /** Why it is not ok, for a person. */
    public function why(): string
    {
        if ($this->status === 0) {
            return $this->error;
        }
        if ($this->status === 401) {
            return '401: Deskside does not accept the signature; are the secret and both clocks right?';
        }
        if ($this->status === 404) {
            return '404: there is no WHMCS desk at this address';
        }
        return 'Deskside answered ' . $this->status;
    }
}
