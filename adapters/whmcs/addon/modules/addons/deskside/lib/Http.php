<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * One POST that cannot hold a page up: 300 ms to connect, 800 ms in all, no redirects.
 */
final class Http
{
    public const CONNECT_MS = 300;
    public const TOTAL_MS = 800;
    private const LARGEST_ANSWER = 1048576;

    /** @var resource|object|null one handle, so that a batch goes over one connection */
    private static $handle = null;

    /** @param string[] $headers */
    public static function post(string $url, array $headers, string $body): Answer
    {
        if (!function_exists('curl_init')) {
            return new Answer(0, '', 'PHP has no curl extension');
        }
        if (self::$handle === null) {
            self::$handle = curl_init();
        }
        $handle = self::$handle;
        curl_reset($handle);
        $received = '';
        curl_setopt_array($handle, [
            CURLOPT_URL => $url,
            CURLOPT_POST => true,
            CURLOPT_POSTFIELDS => $body,
            // Without it curl asks for leave to send a large body, and waits.
            CURLOPT_HTTPHEADER => array_merge($headers, ['Expect:']),
            CURLOPT_CONNECTTIMEOUT_MS => self::CONNECT_MS,
            CURLOPT_TIMEOUT_MS => self::TOTAL_MS,
            // Time-outs below a second need it where names are looked up without threads.
            CURLOPT_NOSIGNAL => true,
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
            CURLOPT_USERAGENT => 'Deskside-WHMCS/' . Version::NUMBER,
            CURLOPT_WRITEFUNCTION => function ($handle, $part) use (&$received) {
                $received .= $part;
                return strlen($received) > Http::LARGEST_ANSWER ? -1 : strlen($part);
            },
        ]);
        $done = curl_exec($handle);
        if ($done === false) {
            return new Answer(0, '', self::reason(curl_errno($handle)));
        }
        return new Answer((int) curl_getinfo($handle, CURLINFO_RESPONSE_CODE), $received, '');
    }

    private static function reason(int $number): string
    {
        switch ($number) {
            case CURLE_COULDNT_RESOLVE_HOST:
                return 'the name of Deskside leads nowhere';
            case CURLE_COULDNT_CONNECT:
                return 'Deskside takes no connections';
            case CURLE_OPERATION_TIMEOUTED:
                return 'Deskside did not answer in time';
            case CURLE_SSL_CACERT:
            case CURLE_SSL_PEER_CERTIFICATE:
            case CURLE_SSL_CONNECT_ERROR:
                return 'the certificate of Deskside is not trusted here';
            default:
                return 'no answer from Deskside (curl ' . $number . ')';
        }
    }
}
