<?php

$length = fn (string $value): int|false => strlen($value);
