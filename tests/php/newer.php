<?php

/**
 * Names what needs PHP 8 in the files given: `newer.php FILE...` prints `FILE:LINE: CONSTRUCT`, a line each, and ends
 * with 1 when there was any. It reads tokens, so it needs a PHP that knows the constructs: 8.1 or later.
 */

const FUNCTIONS = [
    'str_contains', 'str_starts_with', 'str_ends_with', 'get_debug_type', 'get_resource_id', 'fdiv',
    'preg_last_error_msg', 'array_is_list', 'enum_exists', 'fsync', 'json_validate', 'array_find', 'array_any',
    'array_all', 'mb_str_pad', 'mb_trim',
];
const TYPES = ['mixed', 'never', 'null', 'false', 'true'];
const MODIFIERS = [T_PUBLIC, T_PROTECTED, T_PRIVATE, T_READONLY];
const VISIBILITIES = [T_PUBLIC, T_PROTECTED, T_PRIVATE, T_VAR];
const ENDS = [';', '{', '}'];

/**
 * A file as its tokens that mean something: each an array of kind (or the character itself), text and line.
 */
function meaningful(string $source): array
{
    $tokens = [];
    $line = 1;
    foreach (token_get_all($source, TOKEN_PARSE) as $token) {
        $token = is_array($token) ? $token : [$token, $token, $line];
        $line = $token[2] + substr_count($token[1], "\n");
        if (!in_array($token[0], [T_WHITESPACE, T_COMMENT, T_DOC_COMMENT, T_INLINE_HTML], true)) {
            $tokens[] = $token;
        }
    }
    return array_merge($tokens, [[';', ';', $line]]);
}

/** The index of the parenthesis that closes the one at `$open`. */
function closing(array $tokens, int $open): int
{
    $opening = ['(', '[', '{', T_ATTRIBUTE, T_CURLY_OPEN, T_DOLLAR_OPEN_CURLY_BRACES];
    for ($depth = 0, $at = $open; $at < count($tokens); $at++) {
        $depth += in_array($tokens[$at][0], $opening, true);
        $depth -= in_array($tokens[$at][0], [')', ']', '}'], true);
        if ($depth === 0) {
            return $at;
        }
    }
    return $at - 1;
}

/** What is newer than 7.4 in the tokens of one type. */
function in_type(array $type): array
{
    $found = [];
    foreach ($type as $token) {
        $name = strtolower($token[1]);
        if ($token[0] === '|') {
            $found[] = [$token[2], 'union type'];
        } elseif ($token[0] === T_AMPERSAND_NOT_FOLLOWED_BY_VAR_OR_VARARG) {
            $found[] = [$token[2], 'intersection type'];
        } elseif (in_array($name, TYPES, true) && ($name === 'mixed' || $name === 'never' || count($type) === 1)) {
            $found[] = [$token[2], $name . ' type'];
        }
    }
    return $found;
}

/** What is newer in a list of parameters, or in the `use` list of a closure, between two parentheses. */
function in_parameters(array $tokens, int $open, int $close): array
{
    $found = [];
    if ($tokens[$close - 1][0] === ',') {
        $found[] = [$tokens[$close - 1][2], 'trailing comma in parameters'];
    }
    $type = [];
    $before = true;
    for ($at = $open + 1; $at < $close; $at++) {
        $kind = $tokens[$at][0];
        if ($kind === T_ATTRIBUTE || in_array($kind, ['(', '['], true)) {
            $at = closing($tokens, $at);
        } elseif ($kind === ',') {
            $before = true;
            $type = [];
        } elseif ($before && in_array($kind, MODIFIERS, true)) {
            $found[] = [$tokens[$at][2], 'constructor promotion'];
        } elseif ($before && $kind === T_VARIABLE) {
            $found = array_merge($found, in_type($type));
            $before = false;
        } elseif ($before) {
            $type[] = $tokens[$at];
        } elseif ($kind === T_NEW) {
            $found[] = [$tokens[$at][2], 'new in initializer'];
        }
    }
    return $found;
}

/** What is newer in the head of the function whose keyword is at `$at`. */
function in_function(array $tokens, int $at): array
{
    while ($tokens[$at][0] !== '(') {
        $at++;
    }
    $close = closing($tokens, $at);
    $found = in_parameters($tokens, $at, $close);
    if ($tokens[$close + 1][0] === T_USE) {
        $at = $close + 2;
        $close = closing($tokens, $at);
        $found = array_merge($found, in_parameters($tokens, $at, $close));
    }
    if ($tokens[$close + 1][0] !== ':') {
        return $found;
    }
    $type = [];
    for ($at = $close + 2; !in_array($tokens[$at][0], ['{', ';', T_DOUBLE_ARROW], true); $at++) {
        $type[] = $tokens[$at];
        if ($tokens[$at][0] === T_STATIC) {
            $found[] = [$tokens[$at][2], 'static return type'];
        }
    }
    return array_merge($found, in_type($type));
}

/** What is newer in the type of the property whose modifier is at `$at`. */
function in_property(array $tokens, int $at): array
{
    $type = [];
    for ($next = $at + 1; $tokens[$next][0] !== T_VARIABLE; $next++) {
        if (in_array($tokens[$next][0], [T_FUNCTION, T_CONST, T_CLASS, T_DOUBLE_COLON, '(', ';', ','], true)) {
            return [];
        }
        if (!in_array($tokens[$next][0], array_merge(MODIFIERS, [T_STATIC]), true)) {
            $type[] = $tokens[$next];
        }
    }
    return in_type($type);
}

/** Whether the `throw` at `$at` is a part of an expression. */
function is_expression(array $tokens, int $at): bool
{
    $before = $tokens[$at - 1][0];
    if ($before !== ':') {
        return !in_array($before, array_merge(ENDS, [')', T_ELSE, T_DO, T_OPEN_TAG]), true);
    }
    // After a colon: the second half of a condition, or a statement after `case`, `default`, a label or `else:`.
    for ($back = $at - 2; $back >= 0 && !in_array($tokens[$back][0], ENDS, true); $back--) {
        if ($tokens[$back][0] === '?') {
            return true;
        }
        if (in_array($tokens[$back][0], [T_CASE, T_DEFAULT], true)) {
            return false;
        }
    }
    return false;
}

/** @return string|null the construct that begins with the token at `$at`, by that token and its neighbours */
function by_neighbours(array $tokens, int $at)
{
    [$kind, $text] = $tokens[$at];
    $before = $tokens[$at - 1][0] ?? '';
    $after = $tokens[$at + 1][0] ?? '';
    $single = [
        T_MATCH => 'match', T_NULLSAFE_OBJECT_OPERATOR => 'nullsafe operator', T_ATTRIBUTE => 'attribute',
        T_ENUM => 'enum', T_READONLY => 'readonly',
    ];
    if (isset($single[$kind])) {
        return $single[$kind];
    }
    if (in_array($before, ['(', ','], true) && $after === ':' && preg_match('/^[a-z_]\w*$/i', $text)) {
        return 'named argument';
    }
    if ($kind === T_THROW && is_expression($tokens, $at)) {
        return 'throw expression';
    }
    if ($kind === T_ELLIPSIS && $before === '(' && $after === ')') {
        return 'first-class callable';
    }
    if (strtolower($text) === 'class' && $before === T_DOUBLE_COLON && $tokens[$at - 2][0] === T_VARIABLE) {
        return '::class of an object';
    }
    if ($kind === T_CATCH && $tokens[closing($tokens, $at + 1) - 1][0] !== T_VARIABLE) {
        return 'catch without variable';
    }
    if ($kind === T_LNUMBER && preg_match('/^0o/i', $text)) {
        return 'octal prefix';
    }
    $members = [T_OBJECT_OPERATOR, T_NULLSAFE_OBJECT_OPERATOR, T_DOUBLE_COLON, T_FUNCTION, T_NEW];
    $function = strtolower(ltrim($text, '\\'));
    $called = $after === '(' && !in_array($before, $members, true);
    return $called && in_array($function, FUNCTIONS, true) ? $function : null;
}

/** Pairs of line and construct, in the order they come. */
function newer(string $source): array
{
    $tokens = meaningful($source);
    $found = [];
    foreach ($tokens as $at => $token) {
        $construct = by_neighbours($tokens, $at);
        if ($construct !== null) {
            $found[] = [$token[2], $construct];
        }
        $before = $tokens[$at - 1][0] ?? '';
        if (in_array($token[0], [T_FUNCTION, T_FN], true) && $before !== T_USE) {
            $found = array_merge($found, in_function($tokens, $at));
        } elseif (in_array($token[0], VISIBILITIES, true) && !in_array($before, ['(', ','], true)) {
            $found = array_merge($found, in_property($tokens, $at));
        }
    }
    return $found;
}

$any = false;
foreach (array_slice($argv, 1) as $file) {
    foreach (newer((string) file_get_contents($file)) as [$line, $construct]) {
        $any = true;
        echo $file, ':', $line, ': ', $construct, "\n";
    }
}
exit($any ? 1 : 0);
