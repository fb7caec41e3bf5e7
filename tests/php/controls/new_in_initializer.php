<?php

function at($when = new DateTime())
{
    return $when;
}
