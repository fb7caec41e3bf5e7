<?php

$word = match ($number) {
    1 => "one",
    default => "many",
};
