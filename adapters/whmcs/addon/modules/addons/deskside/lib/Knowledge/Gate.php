<?php

namespace WHMCS\Module\Addon\Deskside\Knowledge;

use Illuminate\Database\QueryException;
use WHMCS\Database\Capsule;
use WHMCS\Module\Addon\Deskside\Install;
use WHMCS\Module\Addon\Deskside\Settings;
use WHMCS\Module\Addon\Deskside\Signature;
use WHMCS\Module\Addon\Deskside\State;

/**
 * Lets in what Deskside signed in the last five minutes and did not send before.
 */
final class Gate
{
    public const NONCES = 'mod_deskside_nonces';
    private const TOLERANCE = 300;
    private const KEEP = 900;
    private const LARGEST = 8388608;
    // An id of another kind was signed for another purpose: events go under the same secret, the other way.
    private const ID = '/^kb_[0-9a-f]{32}$/D';

    /** @return string the body of a request that may be done */
    public static function pass(): string
    {
        if (($_SERVER['REQUEST_METHOD'] ?? '') !== 'POST') {
            throw new Refused(405, 'only_post', 'a request is posted');
        }
        if (!Capsule::schema()->hasTable(State::TABLE) || Settings::secret() === '') {
            throw new Refused(503, 'inactive', 'the addon is not active or has no secret');
        }
        $body = self::body();
        $id = self::header('ID');
        if (preg_match(self::ID, $id) !== 1) {
            throw self::notAuthentic('unsigned', 'the request has no id of its kind');
        }
        $timestamp = self::header('TIMESTAMP');
        if (preg_match('/^[0-9]{1,11}$/D', $timestamp) !== 1 || self::header('SIGNATURE') === '') {
            throw self::notAuthentic('unsigned', 'the request has no signature');
        }
        $signatures = self::header('SIGNATURE');
        if (!Signature::good($signatures, Settings::secret(), $id, (int) $timestamp, $body)) {
            throw self::notAuthentic('bad_signature', 'the signature does not fit: is the secret the same?');
        }
        $now = time();
        if (abs($now - (int) $timestamp) > self::TOLERANCE) {
            throw self::notAuthentic('too_old', 'the signature is more than five minutes away from the clock of WHMCS');
        }
        if (!Capsule::schema()->hasTable(self::NONCES)) {
            // A newer addon over an older one, whose page nobody opened yet.
            Install::create();
        }
        self::once($id, $now);
        return $body;
    }

    /** How many bytes a request may have: also what this PHP takes. */
    public static function largest(): int
    {
        $most = self::bytes((string) ini_get('post_max_size'));
        return $most > 0 ? min(self::LARGEST, $most) : self::LARGEST;
    }

    private static function once(string $id, int $now): void
    {
        Capsule::table(self::NONCES)->where('at', '<', $now - self::KEEP)->delete();
        try {
            Capsule::table(self::NONCES)->insert(['id' => $id, 'at' => $now]);
        } catch (QueryException $error) {
            if (Capsule::table(self::NONCES)->where('id', $id)->exists()) {
                throw self::notAuthentic('replayed', 'this request came before');
            }
            throw $error;
        }
    }

    private static function body(): string
    {
        $largest = self::largest();
        $stream = fopen('php://input', 'rb');
        $body = $stream === false ? '' : (string) stream_get_contents($stream, $largest + 1);
        if (strlen($body) > $largest || (int) ($_SERVER['CONTENT_LENGTH'] ?? 0) > $largest) {
            throw new Refused(413, 'too_large', 'a request has at most ' . $largest . ' bytes here');
        }
        return $body;
    }

    private static function header(string $name): string
    {
        $value = $_SERVER['HTTP_WEBHOOK_' . $name] ?? '';
        return is_string($value) ? $value : '';
    }

    private static function notAuthentic(string $name, string $words): Refused
    {
        return new Refused(401, $name, $words);
    }

    /** "8M" as PHP reads it. */
    private static function bytes(string $setting): int
    {
        $shifts = ['k' => 10, 'm' => 20, 'g' => 30];
        return (int) $setting << ($shifts[strtolower(substr(trim($setting), -1))] ?? 0);
    }
}
