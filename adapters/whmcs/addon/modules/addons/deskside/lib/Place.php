<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * An empty place in a page of WHMCS, and the scripts that fill it when the page is there already.
 */
final class Place
{
    /**
     * @param array<string, mixed> $config what the scripts go by
     * @param string[] $scripts names of files in `assets`
     */
    public static function html(string $class, array $config, array $scripts, string $root): string
    {
        $json = json_encode($config, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE);
        $html = '<div class="deskside ' . Lang::html($class) . '" data-deskside="' . Lang::html((string) $json) . '">'
            . '<div class="deskside-notice" role="status" aria-live="polite"></div>'
            . '<div class="deskside-body"></div></div>';
        foreach ($scripts as $script) {
            $html .= '<script defer src="' . self::asset($script, $root) . '"></script>';
        }
        return $html;
    }

    public static function style(string $root): string
    {
        return '<link rel="stylesheet" href="' . self::asset('deskside.css', $root) . '">';
    }

    private static function asset(string $name, string $root): string
    {
        return Lang::html($root . '/modules/addons/deskside/assets/' . $name . '?v=' . Version::NUMBER);
    }
}
