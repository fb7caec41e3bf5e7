<?php

namespace WHMCS\Input;

/**
 * Entities in and out, once.
 */
final class Sanitize
{
    /**
     * @param mixed $value a text or nested arrays of texts
     * @return mixed
     */
    public static function encode($value)
    {
        if (is_array($value)) {
            return array_map([self::class, 'encode'], $value);
        }
        return is_string($value) ? htmlspecialchars($value, ENT_QUOTES, 'UTF-8') : $value;
    }

    /**
     * @param mixed $value
     * @return mixed
     */
    public static function decode($value)
    {
        if (is_array($value)) {
            return array_map([self::class, 'decode'], $value);
        }
        return is_string($value) ? html_entity_decode($value, ENT_QUOTES, 'UTF-8') : $value;
    }

    /**
     * Text for a page, whether it was stored encoded or raw.
     *
     * @param mixed $value
     * @return mixed
     */
    public static function makeSafeForOutput($value)
    {
        return self::encode(self::decode($value));
    }
}
