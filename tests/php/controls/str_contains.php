<?php

$found = str_contains($text, "a");
