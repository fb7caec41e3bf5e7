<?php

$add = function ($one) use (
    $other,
    $third,
) {
    return $one;
};
