<?php

function length(int|string $value): int
{
    return strlen((string) $value);
}
