<?php

$found = \str_starts_with($text, "a");
