<?php

namespace WHMCS\Module\Addon\Deskside\Knowledge;

/**
 * The files of articles: kept under the hash of their content, of a few types only, which are told by their bytes. They
 * are given out by `file.php`, so that the type a browser is told never depends on the web server.
 */
final class Files
{
    /** By ending. An SVG is a program. */
    public const TYPES = [
        'gif' => 'image/gif',
        'jpg' => 'image/jpeg',
        'pdf' => 'application/pdf',
        'png' => 'image/png',
        'webp' => 'image/webp',
    ];
    private const NAME = '/^[0-9a-f]{64}\.(?:gif|jpg|pdf|png|webp)$/D';
    private const DENY = "<IfModule mod_authz_core.c>\nRequire all denied\n</IfModule>\n"
        . "<IfModule !mod_authz_core.c>\nDeny from all\n</IfModule>\n";

    /** @return array<string, mixed> the name and the path below WHMCS */
    public static function take(string $encoded): array
    {
        $content = base64_decode($encoded, true);
        if ($content === false || $content === '') {
            throw Refused::malformed('content must be base64');
        }
        $ending = self::ending($content);
        if ($ending === null) {
            throw new Refused(415, 'file_type', 'only ' . implode(', ', array_keys(self::TYPES)) . ' are taken');
        }
        $name = hash('sha256', $content) . '.' . $ending;
        if (!is_file(self::folder() . '/' . $name)) {
            self::write($name, $content);
        }
        return ['name' => $name, 'path' => 'modules/addons/deskside/file.php?name=' . $name];
    }

    public static function writable(): bool
    {
        return is_writable(is_dir(self::folder()) ? self::folder() : dirname(self::folder()));
    }

    public static function serve(string $name): void
    {
        $file = self::folder() . '/' . $name;
        header('X-Content-Type-Options: nosniff');
        if (preg_match(self::NAME, $name) !== 1 || !is_file($file)) {
            http_response_code(404);
            header('Content-Type: text/plain; charset=utf-8');
            echo 'There is no such file.';
            return;
        }
        // The name is the content: a browser that has it never needs to ask again.
        header('Cache-Control: public, max-age=31536000, immutable');
        header('ETag: "' . $name . '"');
        if (trim((string) ($_SERVER['HTTP_IF_NONE_MATCH'] ?? '')) === '"' . $name . '"') {
            http_response_code(304);
            return;
        }
        $type = self::TYPES[pathinfo($name, PATHINFO_EXTENSION)];
        header('Content-Type: ' . $type);
        if ($type !== self::TYPES['pdf']) {
            // Browsers show no PDF in a sandbox.
            header("Content-Security-Policy: default-src 'none'; sandbox");
        }
        header('Content-Length: ' . filesize($file));
        readfile($file);
    }

    /** By its first bytes, and for an image by what PHP reads of its size. */
    private static function ending(string $content): ?string
    {
        if (strncmp($content, '%PDF-', 5) === 0) {
            return 'pdf';
        }
        $size = @getimagesizefromstring($content);
        $ending = $size === false ? false : array_search($size['mime'], self::TYPES, true);
        return $ending === false ? null : $ending;
    }

    private static function write(string $name, string $content): void
    {
        $folder = self::folder();
        if (!is_dir($folder) && !@mkdir($folder, 0755) && !is_dir($folder)) {
            throw self::notWritable();
        }
        if (!is_file($folder . '/.htaccess') && @file_put_contents($folder . '/.htaccess', self::DENY) === false) {
            throw self::notWritable();
        }
        // Beside, then into place: a reader never meets half a file.
        $beside = $folder . '/.' . bin2hex(random_bytes(8));
        if (@file_put_contents($beside, $content) !== strlen($content) || !@rename($beside, $folder . '/' . $name)) {
            @unlink($beside);
            throw self::notWritable();
        }
    }

    private static function folder(): string
    {
        return dirname(__DIR__, 2) . '/files';
    }

    private static function notWritable(): Refused
    {
        return new Refused(507, 'files', 'PHP cannot write into modules/addons/deskside/files');
    }
}
