<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * Who is signed in here, for the script that offers pushes: a JSON Web Token (RFC 7519, HS256) that only this addon and
 * Deskside can sign. Its key is derived from the secret they share, so neither proof is good as the other.
 */
final class Identity
{
    private const PURPOSE = 'deskside portal identity';
    /** Deskside takes none that is good for more than an hour. */
    private const LIFE = 3000;

    /** @param string $client the client account that is acted for */
    public static function token(string $client): string
    {
        $claims = [
            'desk' => 'whmcs',
            'sub' => Customer::user() ?: $client,
            'client' => $client,
            'exp' => time() + self::LIFE,
        ];
        $language = Customer::language();
        if ($language !== '') {
            $claims['language'] = $language;
        }
        $signed = self::plain(['alg' => 'HS256', 'typ' => 'JWT']) . '.' . self::plain($claims);
        $key = hash_hmac('sha256', self::PURPOSE, Settings::secret());
        return $signed . '.' . self::base64url(hash_hmac('sha256', $signed, $key, true));
    }

    /** @param array<string, mixed> $values */
    private static function plain(array $values): string
    {
        return self::base64url((string) json_encode($values, JSON_UNESCAPED_SLASHES));
    }

    private static function base64url(string $bytes): string
    {
        return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
    }
}
