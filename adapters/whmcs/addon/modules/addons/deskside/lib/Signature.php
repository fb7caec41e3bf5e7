<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * Standard Webhooks (standardwebhooks.com), "Signature scheme".
 */
final class Signature
{
    /** @return string[] the headers of a request with this body, sent now */
    public static function headers(string $secret, string $id, string $body, int $now): array
    {
        return [
            'Content-Type: application/json',
            'webhook-id: ' . $id,
            'webhook-timestamp: ' . $now,
            'webhook-signature: ' . self::sign($secret, $id, $now, $body),
        ];
    }

    public static function sign(string $secret, string $id, int $timestamp, string $body): string
    {
        $digest = hash_hmac('sha256', $id . '.' . $timestamp . '.' . $body, self::key($secret), true);
        return 'v1,' . base64_encode($digest);
    }

    /** Whether one of the signatures in this header (at most eight, with blanks between) is ours. */
    public static function good(string $header, string $secret, string $id, int $timestamp, string $body): bool
    {
        $wanted = self::sign($secret, $id, $timestamp, $body);
        $fits = false;
        foreach (array_slice(explode(' ', $header), 0, 8) as $given) {
            // All are tried, so that the time taken tells nothing.
            $fits = hash_equals($wanted, $given) || $fits;
        }
        return $fits;
    }

    /** A name that no other request has. */
    public static function newId(string $prefix): string
    {
        return $prefix . '_' . bin2hex(random_bytes(16));
    }

    private static function key(string $secret): string
    {
        if (strncmp($secret, 'whsec_', 6) !== 0) {
            return $secret;
        }
        $key = base64_decode(substr($secret, 6), true);
        return $key === false ? $secret : $key;
    }
}
