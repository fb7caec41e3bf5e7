<?php

namespace WhmcsDouble;

use WHMCS\Input\Sanitize;

/**
 * Small pieces of pages.
 */
final class Html
{
    /** @param mixed $value a text, stored encoded or raw */
    public static function text($value): string
    {
        return Sanitize::makeSafeForOutput((string) $value);
    }

    public static function hidden(string $name, string $value): string
    {
        return '<input type="hidden" name="' . $name . '" value="' . self::text($value) . '">';
    }

    public static function token(): string
    {
        return self::hidden('token', Session::token());
    }

    /** @param array<int|string, string> $options text by value */
    public static function select(string $attributes, array $options, string $chosen): string
    {
        $html = '';
        foreach ($options as $value => $text) {
            $selected = (string) $value === $chosen ? ' selected' : '';
            $html .= '<option value="' . self::text($value) . '"' . $selected . '>' . self::text($text) . '</option>';
        }
        return '<select ' . $attributes . '>' . $html . '</select>';
    }

    /**
     * @param array<string, mixed> $vars
     * @param string[] $names
     */
    public static function printed(array $vars, array $names): string
    {
        $html = '';
        foreach ($names as $name) {
            if (isset($vars[$name]) && is_scalar($vars[$name])) {
                $html .= '<div class="theme-printed" data-var="' . self::text($name) . '">' . $vars[$name] . '</div>';
            }
        }
        return $html;
    }
}
