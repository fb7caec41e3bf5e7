<?php

// Prints every construct of the given files that PHP 7.4 does not know, one a line; runs on PHP 8.

const WORDS = ['T_MATCH', 'T_ENUM', 'T_READONLY', 'T_ATTRIBUTE', 'T_NULLSAFE_OBJECT_OPERATOR'];
const FUNCTIONS = [
    'str_contains', 'str_starts_with', 'str_ends_with', 'get_debug_type', 'get_resource_id', 'fdiv', 'array_is_list',
    'preg_last_error_msg', 'enum_exists', 'fsync', 'fdatasync', 'array_find', 'array_any', 'array_all', 'mb_trim',
    'json_validate', 'mb_str_pad', 'curl_upkeep', 'ini_parse_quantity', 'memory_reset_peak_usage',
];
const VISIBILITY = ['public', 'protected', 'private'];

function look(string $file): array
{
    $tokens = array_values(array_filter(token_get_all(file_get_contents($file)), function ($token) {
        return !is_array($token) || !in_array($token[0], [T_WHITESPACE, T_COMMENT, T_DOC_COMMENT], true);
    }));
    $found = [];
    $line = 0;
    $text = function (int $at) use ($tokens): string {
        $token = $tokens[$at] ?? '';
        return strtolower(is_array($token) ? $token[1] : $token);
    };
    foreach ($tokens as $at => $token) {
        $line = is_array($token) ? $token[2] : $line;
        $name = is_array($token) ? token_name($token[0]) : '';
        $say = function (string $what) use (&$found, &$line, $file) {
            $found[] = basename($file) . ':' . $line . ' ' . $what;
        };
        if (in_array($name, WORDS, true)) {
            $say($name);
        }
        if ($name === 'T_STRING' && in_array($text($at), FUNCTIONS, true) && $text($at + 1) === '(') {
            $say($text($at) . '()');
        }
        // f(name: 1), but neither a ? b : c nor a label nor a::b.
        if ($name === 'T_STRING' && $text($at + 1) === ':' && in_array($text($at - 1), ['(', ','], true)) {
            $say('a named argument');
        }
        if ($text($at) === '(' && $text($at + 1) === '...' && $text($at + 2) === ')') {
            $say('a first-class callable');
        }
        if ($text($at) === 'catch' && $text($at + 1) === '(') {
            $end = $at + 2;
            while ($text($end) !== ')') {
                $end++;
            }
            if (!is_array($tokens[$end - 1]) || $tokens[$end - 1][0] !== T_VARIABLE) {
                $say('catch without a variable');
            }
        }
        if ($text($at) === 'throw' && !in_array($text($at - 1), ['{', '}', ';', ':', ')', 'else'], true)) {
            $say('throw as an expression');
        }
        if ($text($at) === '::' && $text($at + 1) === 'class' && is_array($tokens[$at - 1])) {
            if ($tokens[$at - 1][0] === T_VARIABLE) {
                $say('::class of an object');
            }
        }
        if ($name === 'T_LNUMBER' && strncmp($text($at), '0o', 2) === 0) {
            $say('an octal number with 0o');
        }
        if (in_array($text($at), ['function', 'fn'], true)) {
            signature($tokens, $at, $text, $say);
        }
        if (in_array($text($at), VISIBILITY, true)) {
            $next = $text($at + 1) === 'static' ? $at + 2 : $at + 1;
            while (($tokens[$next][0] ?? null) !== T_VARIABLE && !in_array($text($next), ['(', ';', '=', ''], true)) {
                if ($text($next) === '|' || $text($next) === 'mixed') {
                    $say('a type of a property that 7.4 does not know');
                }
                $next++;
            }
        }
    }
    return $found;
}

function signature(array $tokens, int $at, callable $text, callable $say): void
{
    while ($text($at) !== '(' && $text($at) !== '') {
        $at++;
    }
    $depth = 0;
    do {
        $depth += ['(' => 1, ')' => -1][$text($at)] ?? 0;
        if ($depth === 1 && in_array($text($at), VISIBILITY, true)) {
            $say('a promoted property');
        }
        if ($depth === 1 && in_array($text($at), ['|', 'mixed'], true)) {
            $say('a type of a parameter that 7.4 does not know');
        }
        if ($depth === 1 && $text($at) === 'new' && $text($at - 1) === '=') {
            $say('new in an initialiser');
        }
        if ($depth === 0 && $text($at - 1) === ',') {
            $say('a comma after the last parameter');
        }
        $at++;
    } while ($depth > 0 && isset($tokens[$at]));
    if ($text($at) === 'use') {
        while ($text($at) !== ')') {
            $at++;
        }
        $at++;
    }
    if ($text($at) !== ':') {
        return;
    }
    for ($at++; !in_array($text($at), ['{', ';', '=>', ''], true); $at++) {
        if (in_array($text($at), ['|', '&', 'mixed', 'static', 'never', 'false', 'null', 'true'], true)) {
            $say('a return type that 7.4 does not know');
        }
    }
}

foreach (array_slice($argv, 1) as $file) {
    foreach (look($file) as $line) {
        echo $line, "\n";
    }
}
