<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * The addon's own words: those it needs when Deskside says nothing. Everything else comes with the fragments.
 */
final class Lang
{
    private const FILES = ['en' => 'english', 'ru' => 'russian'];

    /** @var array<string, array<string, string>> */
    private static $loaded = [];

    /** "ru" or "en" for a language as WHMCS names it ("russian", "english", "ru"). */
    public static function code(string $language): string
    {
        return preg_match('/^ru/i', $language) === 1 ? 'ru' : 'en';
    }

    /** @return array<string, string> */
    public static function words(string $code): array
    {
        $code = isset(self::FILES[$code]) ? $code : 'en';
        if (!isset(self::$loaded[$code])) {
            $_ADDONLANG = [];
            include dirname(__DIR__) . '/lang/' . self::FILES[$code] . '.php';
            self::$loaded[$code] = $_ADDONLANG;
        }
        return self::$loaded[$code];
    }

    /** @return array<string, string> the words of a screen, whose names start with this */
    public static function of(string $code, string $prefix): array
    {
        $found = [];
        foreach (self::words($code) as $name => $text) {
            if (strncmp($name, $prefix, strlen($prefix)) === 0) {
                $found[substr($name, strlen($prefix))] = $text;
            }
        }
        return $found;
    }

    public static function html(string $text): string
    {
        return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
    }

    /** What a person typed into a form: WHMCS encodes the entities of all input before anything of ours runs. */
    public static function typed(string $text): string
    {
        return html_entity_decode($text, ENT_QUOTES, 'UTF-8');
    }

    /** Text of at most so many characters, without what could hide in it. */
    public static function cut(string $text, int $most): string
    {
        $text = (string) preg_replace('/[\x00-\x1f\x7f]+/', ' ', $text);
        return preg_match('/^.{0,' . $most . '}/us', $text, $found) === 1 ? $found[0] : '';
    }
}
